import type { ServerConfig } from '@sluice/config';
import type { AuthOptions, JwksOptions, JwtOptions } from '@sluice/plugin-auth';
import type { FileOptions } from '@sluice/plugin-file';
import type { PullOptions } from '@sluice/plugin-pull';
import type { LogsOptions } from '@sluice/plugin-logs';
import type { RelayOptions } from '@sluice/plugin-relay';
import type { HookUrlOptions, WebhooksOptions } from '@sluice/plugin-webhooks';
import type { RtcEngineOptions } from '@sluice/rtc';
import { expectTypeOf, test } from 'vitest';

test('the configuration has every setting of the media plane, of auth, of pulls, of clips and of the webhooks, and no other', () => {
  expectTypeOf<keyof ServerConfig['rtc']>().toEqualTypeOf<Exclude<keyof RtcEngineOptions, 'logger' | 'clock'>>();
  expectTypeOf<keyof ServerConfig['auth']>().toEqualTypeOf<Exclude<keyof AuthOptions, 'folder'>>();
  expectTypeOf<keyof NonNullable<ServerConfig['auth']['jwt']>>().toEqualTypeOf<keyof JwtOptions>();
  expectTypeOf<keyof NonNullable<NonNullable<ServerConfig['auth']['jwt']>['jwks']>>().toEqualTypeOf<keyof JwksOptions>();
  expectTypeOf<keyof ServerConfig['file']>().toEqualTypeOf<keyof FileOptions>();
  expectTypeOf<keyof ServerConfig['pull']>().toEqualTypeOf<keyof PullOptions>();
  expectTypeOf<keyof ServerConfig['relay']>().toEqualTypeOf<keyof RelayOptions>();
  expectTypeOf<keyof ServerConfig['logs']>().toEqualTypeOf<keyof LogsOptions>();
  expectTypeOf<keyof ServerConfig['logs']['history']>().toEqualTypeOf<keyof NonNullable<LogsOptions['history']>>();
  expectTypeOf<keyof ServerConfig['hooks']>().toEqualTypeOf<keyof WebhooksOptions>();
  expectTypeOf<keyof Extract<ServerConfig['hooks']['onPublish'], { url: string }>>().toEqualTypeOf<keyof HookUrlOptions>();
});
