export { MAX_MESSAGE_SIZE, SctpDataChannels, type SctpDataChannelsOptions } from './sctp-data-channels.ts';
