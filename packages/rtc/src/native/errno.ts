/** Numbers of the system's errors that a sender meets, the same on all machines that Linux runs on (errno-base.h, asm-generic/errno.h). */
export const ERRNO = { EINTR: 4, EIO: 5, EAGAIN: 11, EINVAL: 22, EMSGSIZE: 90, ENOBUFS: 105 } as const;
