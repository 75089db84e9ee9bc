namespace Philotes.Iceberg.Rest;

// What an answer to a change means. The question is always the same: may the change have happened?
//
//   409                     no: a requirement did not hold. Decided by status; catalogs disagree on the error's type, with two exceptions below.
//   400 401 403 404 419 422 no: and it never will, unchanged.
//   406 501                 no: not supported.
//   3xx                     no: we were sent elsewhere, and do not follow.
//   408 425 429             perhaps: a proxy on the way may have given up on, or repeated, what the catalog did; the wait it asks for is passed on.
//   5xx, silence, or 2xx
//   with an unreadable body perhaps: the change may be in, on its way, or lost.
//
// Types that make a 409 something else (seen on Lakekeeper): FailedToSetProperties is permanent; RequestInProgress is the same request still running.
internal static class RestErrors
{
    public static CommitOutcome ToCommitOutcome(RestAnswer answer) => answer switch
    {
        RestAnswer.Silent silent => new CommitOutcome.Unknown(silent.Text, Cause: silent.Cause),
        RestAnswer.Replied { Reply: var reply } => Failed(reply, CatalogError.Read(reply)),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static TransactionOutcome ToTransactionOutcome(RestAnswer answer) => answer switch
    {
        RestAnswer.Replied { Reply.IsSuccess: true } => new TransactionOutcome.Committed(),
        _ => ToCommitOutcome(answer) switch
        {
            CommitOutcome.Conflict conflict => new TransactionOutcome.Conflict(conflict.Text),
            CommitOutcome.Refused refused => new TransactionOutcome.Refused(refused.Status, refused.Text),
            CommitOutcome.Unknown unknown => new TransactionOutcome.Unknown(unknown.Text, unknown.Status, unknown.RetryAfter, unknown.Cause),
            _ => throw new System.Diagnostics.UnreachableException(),
        },
    };

    /// <summary>An answer to a question (not a change) that is not the one hoped for.</summary>
    public static CatalogException ToException(RestAnswer answer, string operation, string name, Uri catalog)
    {
        if (answer is RestAnswer.Silent silent)
        {
            return new CatalogUnreachableException(operation, catalog, silent.Text, status: null, retryAfter: null, silent.Cause);
        }

        var reply = ((RestAnswer.Replied)answer).Reply;
        var error = CatalogError.Read(reply);
        return reply.Status switch
        {
            404 when error.IsCatalogs => new NotInCatalogException(name, catalog, error.Text),
            _ when IsPerhaps(reply.Status) => new CatalogUnreachableException(operation, catalog, $"status {reply.Status}. {Words(error)}", reply.Status, reply.RetryAfter),
            _ when IsRedirect(reply) => new CatalogRefusedException(operation, catalog, reply.Status, "redirect", RedirectText(reply)),
            _ => new CatalogRefusedException(operation, catalog, reply.Status, error.Type, error.Text),
        };
    }

    static CommitOutcome Failed(RestReply reply, CatalogError error) => reply.Status switch
    {
        409 when error.Type is "RequestInProgress" => new CommitOutcome.Unknown(Words(error), reply.Status, reply.RetryAfter),
        409 when error.Type is not "FailedToSetProperties" => new CommitOutcome.Conflict(Words(error)),
        _ when IsRedirect(reply) => new CommitOutcome.Refused(reply.Status, RedirectText(reply)),
        _ when IsPerhaps(reply.Status) => new CommitOutcome.Unknown(Words(error), reply.Status, reply.RetryAfter),
        _ => new CommitOutcome.Refused(reply.Status, Words(error)),
    };

    static bool IsPerhaps(int status) => status is 408 or 425 or 429 or < 300 or (>= 500 and not 501);

    static bool IsRedirect(RestReply reply) => reply.Status is >= 300 and < 400;

    static string RedirectText(RestReply reply) =>
        $"The catalog redirects to '{CatalogError.OneLine(reply.RedirectedTo ?? "nowhere")}', which is not followed. Use that address if it is the catalog's own.";

    static string Words(CatalogError error) => error.Type.Length == 0 ? error.Text : $"{error.Type}: {error.Text}";
}
