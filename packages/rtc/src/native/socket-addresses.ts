import { addressBytes } from '../ice/address-bytes.ts';
import type { SocketAddress } from './datagram-messages.ts';
import type { NativeEnvironment } from './native-environment.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const IPV4_BYTES = 16;
const IPV6_BYTES = 28;

/** Structures of addresses in the arena, which are used again once they are free. */
export class SocketAddresses {
  readonly #environment: NativeEnvironment;
  readonly #free: number[] = [];

  constructor(environment: NativeEnvironment) {
    this.#environment = environment;
  }

  /** @param address without a zone, which is not in these bytes */
  add(address: string, port: number): SocketAddress {
    const { arena, memory } = this.#environment;
    const offset = this.#free.pop() ?? arena.allocate(IPV6_BYTES);
    const isIpv6 = address.includes(':');
    memory.bytes.fill(0, offset, offset + IPV6_BYTES);
    memory.bytes.writeUInt16LE(isIpv6 ? AF_INET6 : AF_INET, offset);
    memory.bytes.writeUInt16BE(port, offset + 2);
    // Behind the port of IPv6 stands its flow label.
    addressBytes(address).copy(memory.bytes, offset + (isIpv6 ? 8 : 4));
    return { offset, bytes: isIpv6 ? IPV6_BYTES : IPV4_BYTES };
  }

  remove(address: SocketAddress): void {
    this.#free.push(address.offset);
  }
}
