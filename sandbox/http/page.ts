import type { IncomingMessage, ServerResponse } from 'node:http';

/** Something that people open in a browser, beside the services that clients call. It decides itself whom it answers. */
export interface Page {
  /** Returns whether the request is one for this page, which then answers it. */
  handle(incoming: IncomingMessage, outgoing: ServerResponse, port: number): boolean;
}
