import { stat } from 'node:fs/promises';
import { type Clip, mergeClips } from './clip.ts';
import { type ClipBytes, damagedClip, openClipBytes } from './clip-bytes.ts';
import { openIvf } from './containers/ivf.ts';
import { openOgg } from './containers/ogg.ts';
import { openWebm } from './containers/webm.ts';

/** First bytes of a file, and what reads it. */
const FORMATS: readonly (readonly [magic: string, open: (bytes: ClipBytes) => Promise<Clip>])[] = [
  ['DKIF', openIvf],
  ['OggS', openOgg],
  ['\u001A\u0045\u00DF\u00A3', openWebm],
];

/**
 * Opens a clip on disk: WebM, IVF or Ogg, told by its first bytes. An IVF file has its sound in the Ogg file of the same name
 * beside it, if there is one.
 * @param name what error messages call it
 * @throws MediaError SOURCE_FAILED
 */
export async function openClip(path: string, name = path): Promise<Clip> {
  const clip = await openFile(path, name);
  const soundPath = path.replace(/\.ivf$/i, '.ogg');
  const isSilentIvf = soundPath !== path && clip.tracks.every(({ kind }) => kind === 'video');
  if (!isSilentIvf || !(await isFile(soundPath))) return clip;
  try {
    return mergeClips([clip, await openFile(soundPath, name.replace(/\.ivf$/i, '.ogg'))]);
  } catch (error) {
    await clip.close();
    throw error;
  }
}

async function openFile(path: string, name: string): Promise<Clip> {
  const bytes = await openClipBytes(path, name);
  try {
    return await openBytes(bytes);
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

/** Opens a clip of any kind. @throws MediaError SOURCE_FAILED */
export async function openBytes(bytes: ClipBytes): Promise<Clip> {
  const magic = Buffer.from(await bytes.read(0, Math.min(4, bytes.size))).toString('latin1');
  const open = FORMATS.find(([expected]) => expected === magic)?.[1];
  if (!open) throw damagedClip(bytes.name, 0, 'it is neither WebM nor IVF nor Ogg');
  return open(bytes);
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ?? false;
}
