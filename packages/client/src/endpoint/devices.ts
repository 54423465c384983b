/** A camera, microphone or loudspeaker. */
export interface Device {
  /** For `videoId` and `audioId`. Empty until the user has allowed capturing. */
  readonly id: string;
  /** Its name, or a numbered one until the user has allowed capturing. */
  readonly label: string;
}

/** What there is, by kind. */
export interface Devices {
  readonly cameras: readonly Device[];
  readonly microphones: readonly Device[];
  readonly speakers: readonly Device[];
}

/**
 * Lists the devices of this computer; nothing where the browser shows none.
 * @param ask asks the user for camera and microphone first, because ids and names are hidden until then
 */
export async function listDevices({ ask = false }: { readonly ask?: boolean } = {}): Promise<Devices> {
  const { mediaDevices }: { readonly mediaDevices?: MediaDevices } = globalThis.navigator ?? {};
  if (!mediaDevices) return { cameras: [], microphones: [], speakers: [] };
  let found = await mediaDevices.enumerateDevices();
  if (ask && found.some(({ label }) => label === '')) {
    await openBriefly(mediaDevices, found);
    found = await mediaDevices.enumerateDevices();
  }
  return { cameras: ofKind(found, 'videoinput', 'Camera'), microphones: ofKind(found, 'audioinput', 'Microphone'), speakers: ofKind(found, 'audiooutput', 'Loudspeaker') };
}

/** Calls the listener with the devices whenever one comes or goes; the returned function ends it. */
export function watchDevices(listener: (devices: Devices) => void): () => void {
  const { mediaDevices }: { readonly mediaDevices?: MediaDevices } = globalThis.navigator ?? {};
  const tell = (): void => void listDevices().then(listener, () => undefined);
  mediaDevices?.addEventListener('devicechange', tell);
  return () => mediaDevices?.removeEventListener('devicechange', tell);
}

function ofKind(devices: readonly MediaDeviceInfo[], kind: MediaDeviceKind, name: string): Device[] {
  return devices.filter((device) => device.kind === kind).map(({ deviceId, label }, index) => ({ id: deviceId, label: label || `${name} ${index + 1}` }));
}

/** Whoever says no gets the list without names. */
async function openBriefly(mediaDevices: MediaDevices, found: readonly MediaDeviceInfo[]): Promise<void> {
  const has = (kind: MediaDeviceKind): boolean => found.some((device) => device.kind === kind);
  try {
    const media = await mediaDevices.getUserMedia({ audio: has('audioinput'), video: has('videoinput') });
    for (const track of media.getTracks()) track.stop();
  } catch {
    // The numbered names remain.
  }
}
