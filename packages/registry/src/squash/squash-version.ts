/**
 * Of the bytes that squashing makes. A flattener that would make other bytes of the same image gets another number:
 * digests that were computed with the old one are not served any more.
 */
export const SQUASH_VERSION = 1;
