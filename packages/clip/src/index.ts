export { type Clip, type ClipFrame, type ClipTrack, mergeClips } from './clip.ts';
export { openClip } from './open-clip.ts';
export { type LoopOptions, createClipTracks, playInLoop } from './play-in-loop.ts';
