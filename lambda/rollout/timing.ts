/** A read right after a write may be as old as this (A28). */
export const READ_LAG_SECONDS = 130;
/** Two reads that have to agree on what did not happen are at least this far apart. */
export const AGREEMENT_SECONDS = 30;
/** Twice what a batch of one instance takes by the one published measurement: instances that have not moved for so long stand still. */
export const BATCH_PATIENCE_SECONDS = 600;
/** Two reads that have to agree on an end are this far apart (A16, A29). */
export const CONFIRM_SECONDS = 4;
/** Rights given in the same deployment, a new cluster and the service-linked role take this long to be seen (R42). */
export const SETTLING_SECONDS = 120;

/**
 * The look before a write takes no longer, or is made again: so the write does not come much later than what it relies on was read.
 */
export const LOOK_SECONDS = 10;
const CLIENT_SECONDS = 20;
/**
 * What a rollout that was stopped has sent last arrives within this time (FM24): its step had begun, as it may hear as late as a client
 * waits for an answer; it looks; and the write is on its way.
 */
export const ON_THE_WAY_SECONDS = CLIENT_SECONDS + LOOK_SECONDS + CLIENT_SECONDS;

/** Between two looks for what is not visible yet: as often as the usual lag asks for (A28). */
export const VISIBLE_SECONDS = 10;
/** Between two looks at what stands in the way. */
export const WAIT_SECONDS = 18;

/** Our clocks and those of AWS differ by less than this. */
export const CLOCK_MARGIN_SECONDS = 120;

export const secondsSince = (moment: number, now: number): number => (now - moment) / 1000;

/** What is left of the time when the settings must be back: the ownership is given back whatever becomes of them. */
export const OWNERSHIP_SECONDS = 120;

/** A deployment of ECS's own that takes a stopped one back shows up within the read lag (A5, A28). */
export const ROLLBACK_APPEARS_SECONDS = 122;

/** No deployment takes longer; what was updated before that is at rest, unless ECS lists it on our capacity providers. */
export const LONGEST_DEPLOYMENT_SECONDS = 36 * 3600;
