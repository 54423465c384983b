/** Average brightness of the picture that a video element shows, 0 to 255. */
export function brightnessOf(video: HTMLVideoElement | null): number {
  if (!video || video.videoWidth === 0) return 0;
  const canvas = document.createElement('canvas');
  canvas.width = 32;
  canvas.height = 18;
  const context = canvas.getContext('2d');
  if (!context) return 0;
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const colours = data.filter((_, index) => index % 4 !== 3);
  return colours.reduce((sum, value) => sum + value, 0) / colours.length;
}
