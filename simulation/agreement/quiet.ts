/** So long after an act nothing of it is hidden by a read lag, waits for a timer or is repeated any more. */
export const QUIET_SECONDS = 900;
