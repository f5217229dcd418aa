/** The part of a template that says what waits for what. */
interface Resource {
  readonly Type: string;
  readonly Properties?: unknown;
  readonly DependsOn?: string | string[];
}

/** A template, as far as the order of its resources is read from it. */
export interface OrderedTemplate {
  readonly Resources: Readonly<Record<string, Resource>>;
}

/**
 * In which order CloudFormation makes and deletes the resources of a template (E1).
 *
 * What a resource names, by `DependsOn`, `Ref`, `Fn::GetAtt` or `Fn::Sub`, is made before it and deleted after it. What names each
 * other in neither direction has no order.
 */
export class TemplateOrder {
  private readonly reached = new Map<string, Set<string>>();

  constructor(private readonly template: OrderedTemplate) {}

  public idsOf(type: string): string[] {
    return Object.keys(this.template.Resources).filter((id) => this.template.Resources[id].Type === type);
  }

  /** All that is made before a resource, and deleted after it. */
  public outlives(id: string): Set<string> {
    const known = this.reached.get(id);
    if (known !== undefined) return known;
    const reached = new Set<string>();
    this.reached.set(id, reached);
    for (const named of this.named(id)) {
      reached.add(named);
      this.outlives(named).forEach((other) => reached.add(other));
    }
    return reached;
  }

  private named(id: string): string[] {
    const { Properties, DependsOn = [] } = this.template.Resources[id];
    return [...[DependsOn].flat(), ...references(Properties)].filter((other) => other in this.template.Resources);
  }
}

function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    switch (key) {
      case 'Ref': return [String(inner)];
      case 'Fn::GetAtt': return [Array.isArray(inner) ? String(inner[0]) : String(inner).split('.')[0]];
      case 'Fn::Sub': return [...substituted(Array.isArray(inner) ? String(inner[0]) : String(inner)), ...references(Array.isArray(inner) ? inner[1] : [])];
      default: return references(inner);
    }
  });
}

/** `${Name}` and `${Name.Attribute}`, but not the literal `${!Name}`. */
const substituted = (text: string): string[] => [...text.matchAll(/\$\{([^!}.]+)[^}]*\}/g)].map(([, name]) => name.trim());
