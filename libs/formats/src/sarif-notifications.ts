import { mendText } from '#kernel';
import type { ValidationResult } from '#contracts';
import type { Location, Notification } from 'sarif';
import { clipped } from './escape-line.js';
import type { Place } from './place.js';
import { gatheredRemarks } from './remarks.js';
import type { ResultContext } from './result-context.js';
import { sarifLocation } from './sarif-location.js';
import { counted } from './tally.js';

/** Of each; they say what could not be judged, and nobody reads thousands. */
const NOTIFICATIONS_MAX = 1_000;
const LOCATIONS_MAX = 100;

/**
 * @param leftOut results that are over GitHub's limit
 * @returns what is to be known of the run beside its results
 */
export function sarifNotifications(result: ValidationResult, context: ResultContext, leftOut: number): Notification[] {
  const remarks = gatheredRemarks(result, context);
  const notifications = remarks
    .slice(0, NOTIFICATIONS_MAX)
    .map(({ kind, level, code, message, places }): Notification => ({
      descriptor: { id: kind },
      level,
      message: { text: mendText(`${code}: ${clipped(message, 1_000)}${more(places.length)}`).replaceAll('](', '] (') },
      locations: locationsOf(places),
    }));
  if (remarks.length > NOTIFICATIONS_MAX)
    notifications.push(notice(`${counted(remarks.length - NOTIFICATIONS_MAX, 'notification')} left out.`));
  if (leftOut > 0)
    notifications.push(
      notice(
        `${counted(leftOut, 'result')} left out: there are more than code scanning takes. The most severe are here.`,
      ),
    );
  return notifications;
}

/** Each once, as the schema wants it: one object may be there twice. */
function locationsOf(places: readonly Place[]): Location[] {
  const locations = new Map(places.map((place) => [JSON.stringify(place), place]));
  return [...locations.values()].slice(0, LOCATIONS_MAX).map((place) => sarifLocation(place));
}

function more(places: number): string {
  return places > LOCATIONS_MAX ? ` (in ${places} places)` : '';
}

function notice(text: string): Notification {
  return { descriptor: { id: 'left-out' }, level: 'warning', message: { text } };
}
