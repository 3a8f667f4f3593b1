import { AppError, type Enforcement } from '#kernel';

/** Follows the library wherever it goes. */
export const LATEST = 'latest';

/** What a binding's pin is decided from. */
export interface PinRequest {
  enforcement: Enforcement;
  /** As it was asked for now; undefined: nothing was said. */
  asked: string | undefined;
  /** As it stands; undefined for a new binding. */
  present: string | undefined;
  /** The release of the library that is here. */
  release: string;
  /** Whether it names other policies, or another set, than before. */
  membersChange: boolean;
}

/**
 * Decides a binding's pin (V5): an upgrade never starts to deny.
 * @param request what is asked, what stands, what is here
 * @returns `latest` or a release, and whether the versions are to be taken anew from the library that is here
 * @throws AppError `pin_refused`
 */
export function decidePin(request: PinRequest): { pin: string; takeVersions: boolean } {
  const { enforcement, asked, present, release, membersChange } = request;
  if (asked === LATEST && enforcement !== 'audit') {
    throw refused(
      `A binding that can ${enforcement === 'deny' ? 'stop a deployment' : 'warn'} keeps to one release of the library, so that an upgrade never starts to: leave pin out, or give ${release}.`,
    );
  }
  if (asked === undefined && (present === undefined || (present === LATEST && enforcement !== 'audit')))
    return enforcement === 'audit' ? { pin: LATEST, takeVersions: false } : { pin: release, takeVersions: true };
  const pin = asked ?? present ?? LATEST;
  if (pin === LATEST) return { pin, takeVersions: false };
  if (pin === release) return { pin, takeVersions: asked !== undefined || membersChange || present !== pin };
  if (pin !== present)
    throw refused(`Only \`latest\` and ${release}, the release that is here, can be pinned to; not ${pin}.`);
  if (membersChange)
    throw refused(`It keeps to release ${pin}, which is gone: give pin ${release} with its new policies.`);
  return { pin, takeVersions: false };
}

function refused(detail: string): AppError {
  return new AppError('pin_refused', detail, { errors: [{ pointer: '/pin', detail }] });
}
