/** Lets the bench end sessions of the server that it has started for itself on the loopback address. */
export const ADMIN_TOKEN = 'of-the-bench-and-its-server';
