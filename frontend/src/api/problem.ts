export interface Fault {
  pointer: string;
  detail: string;
}

/** The body of a problem document, RFC 9457. */
interface ProblemBody {
  code: string;
  title: string;
  detail: string;
  correlation_id: string;
  errors: Fault[];
  allowed_commands: string[];
}

/** What a call answers when it does not answer what was asked: RFC 9457, or a network that gave none. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly correlationId: string | null;
  readonly faults: readonly Fault[];
  readonly allowedCommands: readonly string[] | null;
  readonly retryAfterS: number | null;

  constructor(
    body: Partial<ProblemBody> & { status: number; code: string },
    retryAfterS: number | null = null,
  ) {
    super(body.detail || body.title || body.code);
    this.status = body.status;
    this.code = body.code;
    this.title = body.title ?? body.code;
    this.correlationId = body.correlation_id ?? null;
    this.faults = body.errors ?? [];
    this.allowedCommands = body.allowed_commands ?? null;
    this.retryAfterS = retryAfterS;
  }

  /** True where the same call may succeed later without anything being changed. */
  get transient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** The detail for one field of the body, by JSON pointer without its slash. */
  fault(field: string): string | undefined {
    return this.faults.find((fault) => fault.pointer === `/${field}`)?.detail;
  }
}

/** Reads a refused response; a body that is no problem document still becomes one. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const retryAfter = Number(response.headers.get("Retry-After"));
  const retryAfterS = Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null;
  const correlation_id = response.headers.get("X-Correlation-Id") ?? "";
  try {
    const body = (await response.json()) as Partial<ProblemBody>;
    return new ApiProblem(
      { correlation_id, ...body, status: response.status, code: body.code ?? "unexpected_answer" },
      retryAfterS,
    );
  } catch {
    const detail = `The server answered ${response.status} without saying why.`;
    return new ApiProblem(
      { correlation_id, status: response.status, code: "unexpected_answer", detail },
      retryAfterS,
    );
  }
}

/** The problem of a call that got no answer at all. */
export function unreachable(timedOut: boolean): ApiProblem {
  return new ApiProblem({
    status: 0,
    code: timedOut ? "timed_out" : "unreachable",
    title: timedOut ? "No answer in time" : "No connection",
    detail: timedOut ? "PayFlow did not answer within 30 s." : "PayFlow cannot be reached from this browser.",
  });
}
