import type { Emitter } from '../events/emitter.ts';
import type { EndpointEvents } from './events.ts';

/** Tells what happens on a channel as events of the endpoint. */
export function tellChannelEvents(channel: RTCDataChannel, events: Emitter<EndpointEvents>): void {
  channel.binaryType = 'arraybuffer';
  channel.addEventListener('open', (event) => events.emit('channelOpen', event));
  channel.addEventListener('message', (event) => events.emit('channelMessage', event));
  channel.addEventListener('error', (event) => events.emit('channelError', event));
  channel.addEventListener('close', (event) => events.emit('channelClose', event));
}

/** What a data channel sends. */
export type ChannelData = string | Blob | ArrayBuffer | ArrayBufferView<ArrayBuffer>;

/** @returns false, with nothing sent, when the channel is not open or its buffer is full */
export function sendOn(channel: RTCDataChannel | undefined, data: ChannelData): boolean {
  if (channel?.readyState !== 'open') return false;
  try {
    // One overload for each type.
    if (typeof data === 'string') channel.send(data);
    else if (data instanceof Blob) channel.send(data);
    else if (data instanceof ArrayBuffer) channel.send(data);
    else channel.send(data);
    return true;
  } catch {
    return false;
  }
}
