/** Why the server gave no answer, in words for people: a message, and what to do. */
import type { TranslationBundle } from '@jupyterlab/translation';

/** It cannot be reached. */
export function noAnswer(trans: TranslationBundle): [string, string] {
  return [
    trans.__('The Jupyter server does not answer.'),
    trans.__('What is seen here is as it was before. It goes on by itself when the server is there again.'),
  ];
}

/** It answers, but not what it was asked for. */
export function refusal(status: number, reason: string, trans: TranslationBundle): [string, string] {
  switch (status) {
    case 401:
    case 403:
      return [
        trans.__('The Jupyter server does not let this page in (%1: %2).', status, reason),
        trans.__('If you were logged out, or its token has changed: reload the page and log in.'),
      ];
    case 404:
      return [
        trans.__('The server extension of jupyter_mpexec is not active.'),
        'jupyter server extension enable jupyter_mpexec',
      ];
    default:
      return [reason, ''];
  }
}
