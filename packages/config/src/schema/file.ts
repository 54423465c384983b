import { count, group, text } from './kinds.ts';

/** `file`: what the plugin for clips on disk is given. */
export const fileSettings = group({
  folder: text.optional().meta({ description: 'Folder of the clips; nothing outside is played.', default: 'the folder of the config file' }),
  maxFiles: count.optional().meta({ description: 'Clips that are played at a time.', default: 100 }),
}).prefault({});
