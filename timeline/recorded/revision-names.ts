import type { RevisionRole, Revisions } from '../model';
import type { RecordedRevision } from '../recording';

/** Which revision has which part in a rollout, by ARN. */
export interface RevisionRoles {
  readonly new?: string;
  readonly old?: string;
}

/** A revision that takes instances back is another one than before, with the same task definition: it counts as the old one. */
export function roleIn(roles: RevisionRoles, revisions: readonly RecordedRevision[]): (revisionArn: string) => RevisionRole {
  const taskDefinitions = new Map(revisions.map(({ arn, taskDefinitionArn }) => [arn, taskDefinitionArn]));
  const known = new Map<string, RevisionRole>();
  return (arn) => {
    const role = known.get(arn) ?? (
      arn === roles.new ? 'new'
        : arn === roles.old || (roles.old !== undefined && taskDefinitions.get(arn) === taskDefinitions.get(roles.old)) ? 'old' : 'mid'
    );
    known.set(arn, role);
    return role;
  };
}

/** Names for people: the tags of the images; if these are equal, the task definitions; if these are too, only settings differ. */
export function namesOf(roles: RevisionRoles, revisions: readonly RecordedRevision[], mid?: string): Revisions {
  const find = (arn: string | undefined): RecordedRevision | undefined => revisions.find((revision) => revision.arn === arn);
  const [fresh, old, between] = [find(roles.new), find(roles.old), find(mid)];
  const name = [imageTag, taskDefinitionName].find((naming) => !fresh || !old || naming(fresh) !== naming(old));
  const named = (revision: RecordedRevision | undefined, otherwise: string): string | undefined =>
    revision && (name ? name(revision) : `${imageTag(revision)} (${otherwise})`);
  return {
    ...(fresh && { new: named(fresh, 'new settings') }),
    ...(old && { old: named(old, 'old settings') }),
    ...(between && { mid: named(between, 'settings between') }),
  };
}

/** The tag of the first image, or the beginning of its digest, or the end of its name. */
export function imageTag({ images, taskDefinitionArn }: Pick<RecordedRevision, 'images' | 'taskDefinitionArn'>): string {
  const image = images[0] ?? taskDefinitionArn;
  const [, digest] = /@sha256:([0-9a-f]{12})/.exec(image) ?? [];
  const name = image.replace(/@.*$/, '').split('/').at(-1)!;
  return name.includes(':') ? name.slice(name.indexOf(':') + 1) : digest ?? 'latest';
}

const taskDefinitionName = ({ taskDefinitionArn }: RecordedRevision): string => taskDefinitionArn.split('/').at(-1)!;
