/** So long after an act, no read lags behind it, no timer is pending and no call is repeated. */
export const QUIET_SECONDS = 900;
