import type { Command } from './command.ts';
import { configCheck, configPrint, configSchema } from './config.ts';
import { doctor } from './doctor/doctor.ts';
import { kick, sessions } from './sessions.ts';
import { play } from './play.ts';
import { publish } from './publish.ts';
import { start } from './start.ts';
import { streams } from './streams.ts';
import { token } from './token.ts';

/** The commands of `sluice`, in the order in which help lists them. The first is run when none is named. */
export const commands: readonly [Command, ...Command[]] = [start, streams, sessions, kick, publish, play, doctor, configCheck, configPrint, configSchema, token];
