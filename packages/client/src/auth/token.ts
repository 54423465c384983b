/** A token, or a function that is asked for one before each connection, because tokens run out. Undefined = none. */
export type Token = string | (() => string | undefined | Promise<string | undefined>);
