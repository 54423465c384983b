/** Bounds on the descriptions that we parse. */
export interface SdpLimits {
  /** Characters of the whole description. Default 262,144. */
  readonly maxLength: number;
  /** Default 5,000. */
  readonly maxLines: number;
  /** m-lines. Default 32. */
  readonly maxSections: number;
  /** Of one m-line. Default 64. */
  readonly maxExtensions: number;
  /** SSRCs of one m-line. Default 64. */
  readonly maxSsrcs: number;
  /** RIDs of one m-line. Default 16. */
  readonly maxRids: number;
  /** Candidates of one m-line. Default 200. */
  readonly maxCandidates: number;
}

/** Far above what real clients send. Payload types need no bound of their own: there are 128. */
export const DEFAULT_SDP_LIMITS: SdpLimits = {
  maxLength: 262_144,
  maxLines: 5000,
  maxSections: 32,
  maxExtensions: 64,
  maxSsrcs: 64,
  maxRids: 16,
  maxCandidates: 200,
};
