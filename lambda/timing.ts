/** Every interval of the custom resource, in one place. docs/rollout.md reads its figures from here. */

export const secondsSince = (moment: number, now: number): number => (now - moment) / 1000;

// ── How far reads lag behind ─────────────────────────────────────────────────────────────────────────────────────────────

/** A read may be as old as this: AWS documents no bound for its eventual consistency (A28). */
export const READ_LAG_SECONDS = 130;
/** The list of executions may lack one that was started this long ago: nothing is documented. */
export const LIST_LAG_SECONDS = 20;
/** Permissions granted in the same deployment, a new cluster and the service-linked role take effect within this time (R42). */
export const SETTLING_SECONDS = 120;
/** Our clocks and those of AWS differ by less than this. */
export const CLOCK_MARGIN_SECONDS = 120;
/** A deployment that is STOPPED is final after this time: until then ECS may begin its rollback (A5). The answer follows within 28 s. */
export const ROLLBACK_APPEARS_SECONDS = 122;

// ── How often a read has to agree with the one before ────────────────────────────────────────────────────────────────────

/** The second read that confirms an end follows this soon (A16, A29). */
export const CONFIRM_SECONDS = 4;
/** The two reads that confirm that nothing has happened are at least this far apart. */
export const AGREEMENT_SECONDS = 30;

// ── How long a write is on its way ───────────────────────────────────────────────────────────────────────────────────────

/** The reads before a write take at most this long, or are made again: the write relies on them. */
export const FRESH_READ_SECONDS = 10;
/** A client of AWS waits this long for a reply. */
const CLIENT_SECONDS = 20;
/** The last write of a stopped rollout arrives within this time (FM24): its step waits for the engine, reads, and sends. */
export const ON_THE_WAY_SECONDS = CLIENT_SECONDS + FRESH_READ_SECONDS + CLIENT_SECONDS;

// ── Pauses between two polls ─────────────────────────────────────────────────────────────────────────────────────────────

/** For what reads do not return yet (A28). */
export const VISIBLE_SECONDS = 10;
/** For capacity providers, clusters and task definitions that are not ready yet. */
export const SETTLING_LOOK_SECONDS = 10;
/** For a deployment that this rollout has just begun. */
export const FIRST_LOOK_SECONDS = 5;
/** For the deployment that this rollout waits for. */
export const WAIT_SECONDS = 18;
/** For a request of the same stack that is queued before this one. */
export const STACK_ORDER_SECONDS = 60;
/** For a deployment alarm that keeps an update waiting. */
export const ALARM_POLL_SECONDS = 30;
/** For a daemon that ECS is deleting. */
export const DRAINING_SECONDS = 16;
/** For a deployment that ECS does not return any more. */
export const MISSING_SECONDS = 90;
/** For gates and verifications: an account may list executions 15 times a second, and a gate is one of many. */
export const POLLER_SECONDS = 30;

/** How often a deployment is polled, and after how many seconds its alarms are polled again. */
export interface Pace {
  readonly lookSeconds: number;
  readonly alarmSeconds: number;
}

/**
 * Within the first hour an answer leaves at most 30 s after the end, the confirmation of a failure included. A bake has nothing but alarms
 * to wait for; a rollback has none.
 */
export const PACES = {
  deploying: { lookSeconds: 20, alarmSeconds: 100 },
  baking: { lookSeconds: 22, alarmSeconds: 88 },
  unguarded: { lookSeconds: 18, alarmSeconds: Number.POSITIVE_INFINITY },
} as const;

/** With age the pace slows down: 36 hours take 1,700 of the 3,000 operations that an execution may have (EN2). */
export const AGED: readonly { readonly hours: number; readonly pace: Pace }[] = [
  { hours: 12, pace: { lookSeconds: 120, alarmSeconds: 120 } },
  { hours: 1, pace: { lookSeconds: 60, alarmSeconds: 60 } },
];
/** A pause of up to this does not grow with age: it is for what appears within the read lag. */
export const SHORT_SECONDS = 10;

// ── Pauses after a refusal ───────────────────────────────────────────────────────────────────────────────────────────────

/** After a write that AWS has throttled or refused for now; it doubles with each further one. */
export const RETRY_SECONDS = 10;
export const MOST_RETRY_SECONDS = 60;
/** After a deletion that ECS refuses while a deployment is in progress. */
export const DELETE_RETRY_SECONDS = 30;
/** Between two reads for the effect of an interrupted write. */
export const RESOLVE_SECONDS = 15;
/** After a read that has failed; it grows with each further one. */
export const READ_RETRY_SECONDS = 15;
export const MOST_READ_RETRY_SECONDS = 60;
/** Reads that AWS refuses for this long end a rollout that ECS is carrying out. */
export const REFUSED_READS_SECONDS = 600;

// ── The budget of reads ──────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * At most 240 an hour altogether: 204 that every pace keeps within, 17 at once for planning and a write, and a last poll of up to 19 pages.
 * The rest is for interrupted invocations, whose reads nobody counts.
 */
export const READS_AN_HOUR = 204;
export const READS_AT_ONCE = 17;
/** The budget delays a poll by at most this, however many pages and other daemons there are: before the first write, and after it. */
export const MOST_SECONDS_BEFORE_A_WRITE = 300;
export const MOST_SECONDS_AFTER_A_WRITE = 90;

// ── How long something may take ──────────────────────────────────────────────────────────────────────────────────────────

/** A batch of one instance took half of this in the one published measurement. */
export const SECONDS_PER_BATCH = 300;
/** A deployment has stalled if no instance is replaced for this long: twice the time of a batch. */
export const BATCH_PATIENCE_SECONDS = 600;
/** A verification has failed if no further instance runs the daemon for this long: new instances take about 5 minutes. */
export const INSTANCE_PATIENCE_SECONDS = 600;
/** ECS may keep a deployment PENDING for good if its capacity providers have no instances (A10). */
export const EMPTY_PROVIDER_SECONDS = 300;
/** A deployment that ECS does not return any more may drain its first batch for this long. */
export const MISSING_PATIENCE_SECONDS = 600;
/** No deployment takes longer than this. A daemon that was updated earlier is at rest, unless ECS lists it on our capacity providers. */
export const LONGEST_DEPLOYMENT_SECONDS = 36 * 3600;
/** A deployment that ended earlier than this may belong to an update before the last. */
export const LATELY_SECONDS = 900;
/** An alarm without data delays an update by two evaluation periods, within these bounds (A13). */
export const LEAST_SECONDS_WITHOUT_DATA = 120;
export const MOST_SECONDS_WITHOUT_DATA = 600;
/** Rollouts that have waited for the same deployment begin this far apart, so that the later ones see the earlier ones (A28). */
export const STAGGER_SECONDS = 60;

// ── How long a request may take ──────────────────────────────────────────────────────────────────────────────────────────

/** CloudFormation waits for an hour (EN6); the rest is for the delivery of the answer. */
export const ANSWER_WITHIN_MINUTES = 55;
/** The last gate outlasts a rollout whose time is up at the same moment. */
export const LAST_GATE_MINUTES = ANSWER_WITHIN_MINUTES + 2;
/** A rollback of the stack is followed for at least this long: nothing comes after it that would report the end (FM11). */
export const WAY_BACK_MINUTES = 110;
/** Lambda delivers a request up to three times, and late (FM1). One that seems to be older than this was dated by another clock. */
export const PLAUSIBLE_DELIVERY_SECONDS = 1800;
/** The dispatcher has stopped older rollouts by then, or has given up: three deliveries of up to two minutes, one and two minutes apart. */
export const PREDECESSOR_SECONDS = 600;
