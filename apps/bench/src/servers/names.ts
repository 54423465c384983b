/** The servers under test: Sluice in both of its tiers, and those that it is compared with. */
export const SERVER_NAMES = ['native', 'portable', 'werift', 'janus'] as const;
export type ServerName = (typeof SERVER_NAMES)[number];

/** As people read them. */
export const SERVER_LABELS: Readonly<Record<ServerName, string>> = {
  native: 'Sluice native',
  portable: 'Sluice portable',
  werift: 'werift',
  janus: 'Janus',
};
