/** A rectangle of the page, CSS pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A place of the picture, pixels of it. */
export interface PicturePoint {
  readonly x: number;
  readonly y: number;
}

/**
 * Where a place of the page is in a picture that fills its box as `object-fit: contain` does, with bars where the shapes differ. A place on a bar is at the
 * picture's edge.
 */
export function picturePoint(at: { readonly clientX: number; readonly clientY: number }, box: Box, picture: { readonly width: number; readonly height: number }): PicturePoint {
  const scale = Math.min(box.width / picture.width, box.height / picture.height);
  if (!(scale > 0) || scale === Infinity) return { x: 0, y: 0 };
  const left = box.left + (box.width - picture.width * scale) / 2;
  const top = box.top + (box.height - picture.height * scale) / 2;
  return { x: within((at.clientX - left) / scale, picture.width), y: within((at.clientY - top) / scale, picture.height) };
}

function within(place: number, length: number): number {
  return Math.round(Math.min(Math.max(place, 0), Math.max(0, length - 1)));
}
