/** Limits of the gateway's schema (`newUserSchema`). */
export const userCharsMax = 64;
export const fullNameCharsMax = 120;
export const passwordCharsMin = 10;
export const passwordCharsMax = 256;
