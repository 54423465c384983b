/** An answer of an ICE-lite server, as far as an endpoint reads it. */
export const ANSWER = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 'a=ice-lite', 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:0', 'a=ice-ufrag:srv1', 'a=ice-pwd:server-password-server-1', 'a=candidate:1 1 udp 1 192.0.2.1 8000 typ host', ''].join('\r\n');

/** What a server sends for an ICE restart. */
export const RESTARTED = 'a=ice-ufrag:srv2\r\na=ice-pwd:server-password-server-2\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\na=candidate:2 1 udp 1 192.0.2.2 8000 typ host\r\na=end-of-candidates\r\n';

/** A data channel whose other end is the test. */
export class FakeDataChannel extends EventTarget {
  readonly sent: unknown[] = [];
  readyState = 'connecting';
  binaryType = 'blob';
  readonly label: string;

  constructor(label: string) {
    super();
    this.label = label;
  }

  send(data: unknown): void {
    this.sent.push(data);
  }

  close(): void {
    this.readyState = 'closed';
    this.dispatchEvent(new Event('close'));
  }

  open(): void {
    this.readyState = 'open';
    this.dispatchEvent(new Event('open'));
  }
}

/** An `RTCPeerConnection` without a network: a test says what becomes of it. */
export class FakePeerConnection extends EventTarget {
  readonly configuration: RTCConfiguration;
  /** As it was made; {@link configuration} may change. */
  readonly configuredWith: RTCConfiguration;
  readonly transceivers: { readonly kind: string; readonly init: RTCRtpTransceiverInit | undefined }[] = [];
  readonly channels: FakeDataChannel[] = [];
  /** Type of each description that was set, in order. */
  readonly described: string[] = [];
  connectionState: RTCPeerConnectionState = 'new';
  iceConnectionState: RTCIceConnectionState = 'new';
  iceGatheringState: RTCIceGatheringState = 'complete';
  localDescription: { readonly type: string; readonly sdp: string } | null = null;
  currentRemoteDescription: { readonly type: string; readonly sdp: string } | null = null;
  sctp = null;
  isClosed = false;
  #generation = 1;

  constructor(configuration: RTCConfiguration = {}) {
    super();
    this.configuration = configuration;
    this.configuredWith = { ...configuration };
  }

  addTransceiver(trackOrKind: string | { readonly kind: string }, init?: RTCRtpTransceiverInit): object {
    this.transceivers.push({ kind: typeof trackOrKind === 'string' ? trackOrKind : trackOrKind.kind, init });
    return { receiver: { track: { kind: 'audio' } } };
  }

  createDataChannel(label: string): FakeDataChannel {
    const channel = new FakeDataChannel(label);
    this.channels.push(channel);
    return channel;
  }

  createOffer(): Promise<object> {
    const sdp = ['v=0', 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:0', `a=ice-ufrag:own${this.#generation}`, `a=ice-pwd:password-of-the-client-${this.#generation}`, ''].join('\r\n');
    return Promise.resolve({ type: 'offer', sdp });
  }

  setLocalDescription(description: { readonly type: string; readonly sdp: string }): Promise<void> {
    this.described.push(`local ${description.type}`);
    if (description.type !== 'rollback') this.localDescription = description;
    return Promise.resolve();
  }

  setRemoteDescription(description: { readonly type: string; readonly sdp: string }): Promise<void> {
    this.described.push(`remote ${description.type}`);
    this.currentRemoteDescription = description;
    return Promise.resolve();
  }

  restartIce(): void {
    this.#generation += 1;
  }

  getConfiguration(): RTCConfiguration {
    return this.configuration;
  }

  setConfiguration(configuration: RTCConfiguration): void {
    Object.assign(this.configuration, configuration);
  }

  getTransceivers(): object[] {
    return [];
  }

  getSenders(): object[] {
    return [];
  }

  getStats(): Promise<Map<string, object>> {
    return Promise.resolve(new Map());
  }

  close(): void {
    this.isClosed = true;
  }

  /** What the network does to it. */
  become(state: RTCPeerConnectionState, ice: RTCIceConnectionState = state === 'connecting' ? 'checking' : state): void {
    this.connectionState = state;
    this.iceConnectionState = ice;
    this.dispatchEvent(new Event('connectionstatechange'));
  }

  find(candidate: string): void {
    this.dispatchEvent(Object.assign(new Event('icecandidate'), { candidate: candidate === '' ? null : { candidate } }));
  }
}
