import type { ServerConfig } from '@sluice/config';
import type { WebhooksOptions } from '@sluice/plugin-webhooks';
import type { RtcEngineOptions } from '@sluice/rtc';
import { expectTypeOf, test } from 'vitest';

test('the configuration has every setting of the media plane and of the webhooks, and no other', () => {
  expectTypeOf<keyof ServerConfig['rtc']>().toEqualTypeOf<Exclude<keyof RtcEngineOptions, 'logger' | 'clock'>>();
  expectTypeOf<keyof ServerConfig['hooks']>().toEqualTypeOf<keyof WebhooksOptions>();
});
