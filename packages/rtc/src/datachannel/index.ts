export { MAX_MESSAGE_SIZE, SctpDataChannels } from './sctp-data-channels.ts';
