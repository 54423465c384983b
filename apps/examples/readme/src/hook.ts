import { type WebRtcPluginManager, allow, deny, safeEqual } from '@sluice/core';

export function requireToken(manager: WebRtcPluginManager, expected: string): void {
  manager.hook('publish', ({ credentials: { token = '' } }) => (safeEqual(token, expected) ? allow() : deny('Wrong token.', 401)));
}
