/** Characters. A shorter value could not be redacted: it would black out ordinary words. */
export const minimumValueLength = 6;

/** Bytes of UTF-8. */
export const maximumValueBytes = 16_384;
