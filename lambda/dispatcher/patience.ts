/** What the front desk may use of its surroundings. */
export interface Patience {
  /** How long a refusal may be waited out, in seconds. */
  readonly seconds: number;
  now(): number;
  sleep(seconds: number): Promise<void>;
}

const PAUSE_SECONDS = 3;
const DENIALS = /AccessDenied|UnrecognizedClient|not authorized/i;

export const isDenied = (error: unknown): boolean => {
  const { name = '', message = '' } = (error ?? {}) as Partial<Error>;
  return DENIALS.test(name) || DENIALS.test(message);
};

/** Rights given in the same deployment take a while to spread: a refusal is waited out. */
export async function patiently<T>(patience: Patience, call: () => Promise<T>): Promise<T> {
  const end = patience.now() + patience.seconds * 1000;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isDenied(error) || patience.now() + PAUSE_SECONDS * 1000 > end) throw error;
      await patience.sleep(PAUSE_SECONDS);
    }
  }
}
