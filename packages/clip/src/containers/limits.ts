/** Bytes of one frame; what says that it has more is damaged. */
export const MAX_FRAME_BYTES = 8 * 1024 * 1024;
/** Bytes of the description of a clip's tracks. */
export const MAX_HEADER_BYTES = 1024 * 1024;
