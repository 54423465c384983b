import type { Capture } from './capture.ts';

const WIDTH = 1280;
const HEIGHT = 720;
const FRAMES_PER_SECOND = 25;

/** Three layers of water: level, height, waves across, runs per second, colour. */
const WAVES = [
  [0.66, 24, 1.4, -0.1, '#184e80'],
  [0.74, 20, 1.9, 0.2, '#1d94b0'],
  [0.83, 16, 2.4, -0.3, '#2dd4bf'],
] as const;

/** A source for computers without a camera: a drawn clock and a soft tone every second. */
export async function startTestPicture(): Promise<Capture> {
  const canvas = document.createElement('canvas');
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  const pen = canvas.getContext('2d');
  if (!pen) throw new DOMException('This browser cannot draw on a canvas', 'NotSupportedError');

  draw(pen);
  // Not requestAnimationFrame, which stops when the tab is hidden.
  const timer = setInterval(() => draw(pen), 1000 / FRAMES_PER_SECOND);
  const tone = await startTone();
  const media = new MediaStream([...canvas.captureStream(FRAMES_PER_SECOND).getTracks(), ...tone.media.getTracks()]);
  return {
    media,
    stop() {
      clearInterval(timer);
      tone.stop();
      for (const track of media.getTracks()) track.stop();
    },
  };
}

function draw(pen: CanvasRenderingContext2D): void {
  const now = new Date();
  pen.fillStyle = '#0b1220';
  pen.fillRect(0, 0, WIDTH, HEIGHT);
  for (const [level, height, across, speed, colour] of WAVES) {
    pen.fillStyle = colour;
    pen.beginPath();
    pen.moveTo(0, HEIGHT);
    for (let x = 0; x <= WIDTH; x += 16) {
      const phase = 2 * Math.PI * ((across * x) / WIDTH + (speed * now.getTime()) / 1000);
      pen.lineTo(x, HEIGHT * level + height * Math.sin(phase));
    }
    pen.lineTo(WIDTH, HEIGHT);
    pen.fill();
  }
  pen.fillStyle = '#fff';
  pen.font = 'bold 128px ui-monospace, monospace';
  pen.fillText(now.toTimeString().slice(0, 8), 84, 220);
  pen.fillStyle = '#9fb3c8';
  pen.font = '36px system-ui, sans-serif';
  pen.fillText('Test picture, drawn by this browser', 92, 290);
  pen.fillStyle = now.getMilliseconds() < 200 ? '#2dd4bf' : '#24344d';
  pen.fillRect(92, 330, 56, 12);
}

/** A tone that fades within half a second, once a second. */
async function startTone(): Promise<Capture> {
  const context = new AudioContext();
  const output = context.createMediaStreamDestination();
  const strike = (): void => {
    const oscillator = context.createOscillator();
    const volume = context.createGain();
    const start = context.currentTime;
    oscillator.frequency.value = 523.25;
    volume.gain.setValueAtTime(0.2, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.5);
    oscillator.connect(volume).connect(output);
    oscillator.start(start);
    oscillator.stop(start + 0.5);
  };
  const timer = setInterval(strike, 1000);
  // Without a click on this page the browser keeps the context suspended; silence is fine then.
  void context.resume();
  return {
    media: output.stream,
    stop() {
      clearInterval(timer);
      void context.close();
    },
  };
}
