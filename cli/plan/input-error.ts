/** An input from which no plan can be made; its message is one line with what to do. */
export class InputError extends Error {}
