/** What the access hooks decide on; each is a hook point. */
export type AccessAction = 'publish' | 'play';

/**
 * Who may publish, or play, a stream. `@sluice/plugin-auth` decides by it; what a path's rule leaves out is that of
 * the whole server.
 */
export interface AccessRule {
  /** IP addresses and CIDR ranges that requests may come from; an empty list allows nobody. Absent = anywhere. */
  readonly addresses?: readonly string[] | undefined;
  /** Stream keys; one of them is enough. Each is the key itself, or `sha256:` and the hexadecimal digest of it. */
  readonly keys?: readonly string[] | undefined;
  /** Whether a JSON Web Token is enough. Default: when the server can verify any. */
  readonly jwt?: boolean | undefined;
  /** Whether no credentials are needed. */
  readonly open?: boolean | undefined;
}
