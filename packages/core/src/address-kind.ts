// RFC 1918, 3927 (link-local) and 6598 (between a provider and its customers).
const PRIVATE_IPV4 = /^(10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./;
// fc00::/7 (RFC 4193) and fe80::/10 (RFC 4291 section 2.5.6).
const PRIVATE_IPV6 = /^(f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):/i;
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1)$/;

/** Whether only this machine reaches the IP address. */
export function isLoopbackAddress(address: string): boolean {
  return LOOPBACK.test(address);
}

/** Whether an IP address, other than loopback, is reached from its own network only. */
export function isPrivateAddress(address: string): boolean {
  return PRIVATE_IPV4.test(address) || PRIVATE_IPV6.test(address);
}
