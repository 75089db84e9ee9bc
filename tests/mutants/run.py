#!/usr/bin/env python3
"""Takes one safety out of the code at a time and sees whether the test that is named for it goes red.

tests/mutants/run.py [--list] [--keep FOLDER] [NAME ...]

Works in a copy of the committed repository (git archive HEAD), never in the repository. First every named test must pass unchanged; then each mutant is applied, built, tested and
taken back. Ends with 0 when all were caught. About two minutes a mutant; native/node_modules is shared with the repository.
"""
import argparse, os, pathlib, re, shutil, subprocess, sys, tempfile, time

HERE = pathlib.Path(__file__).resolve().parents[2]
BUFFER, WRITER, CAPTURE, END_TO_END = "Buffer.Tests", "BatchWriter.Tests", "Capture.Tests", "EndToEnd.Tests"
FLUSH = "migrations/0010_initial_copy.sql"
FINISH = "migrations/0007_limits_and_notes.sql"
CLAIM = "migrations/0019_growing_batches.sql"
GROW = "migrations/0022_copies_taken_back.sql"

# name: (project, tests, [(file, what stands there, what it becomes)])
MUTANTS = {
    "reuse-chunk-numbers": (BUFFER, ["BufferAppenderTests.Rows_of_a_copy_that_was_never_published_stay_out_of_reach_of_later_epochs"], [
        ("migrations/0002_functions.sql", "last_chunk = (capture_epoch + 1) << 32, capture_gen", "last_chunk = s.last_chunk, capture_gen"),
        (FLUSH, "where (x->>'chunk')::bigint >> 32 <> p_epoch) then", "where false) then")]),
    "directory-commit-asynchronous": (BUFFER, ["CrashTests.A_buffer_killed_in_the_middle_of_flushes_keeps_what_it_acknowledged_and_tears_nothing"], [
        ("src/Buffer/AppenderSql.cs", 'PrepareFlush = "set synchronous_commit = on"', 'PrepareFlush = "set synchronous_commit = off"')]),
    "acknowledge-before-flush": (CAPTURE, ["RecoveryTests.The_slot_is_acknowledged_only_after_the_buffer_committed"], [
        ("src/Buffer/DurableLsn.cs", "    internal DurableLsn(", "    public DurableLsn("),
        ("src/Capture/Transactions/FlushPipeline.cs", "        var receipt = await buffer.FlushAsync(step.Directory, durable, cancellationToken);",
         "        await slot.AcknowledgeAsync(new DurableLsn(durable), cancellationToken);\n        var receipt = await buffer.FlushAsync(step.Directory, durable, cancellationToken);")]),
    "acknowledge-per-message": (CAPTURE, ["RecoveryTests.The_slot_is_acknowledged_only_after_the_buffer_committed"], [
        ("src/Capture/Source/ReplicationStream.cs", "        return true;\n    }\n\n    private static IEnumerable",
         "        _connection.SetReplicationStatus(_connection.LastReceivedLsn);\n        await _connection.SendStatusUpdate(_stop.Token);\n        return true;\n    }\n\n    private static IEnumerable")]),
    "skip-the-slot-check": (CAPTURE, ["ContinuityTests.A_slot_that_moved_ahead_is_refused_with_PH105"], [
        ("src/Capture/Source/ContinuityCheck.cs", "if (slot.ConfirmedFlush > durable)", "if (slot.ConfirmedFlush > durable && durable == None)"),
        ("src/Capture/Source/SlotGuard.cs", "if (slot.ConfirmedFlush > from)", "if (slot.ConfirmedFlush > from && from.Value == 0)")]),
    "start-at-the-greater": (CAPTURE, ["ContinuityTests.A_recreated_slot_is_refused_with_PH105", "ContinuityCheckTests.Every_broken_history_has_its_code"], [
        ("src/Capture/Source/ContinuityCheck.cs", "if (slot.ConfirmedFlush > durable)", "if (slot.ConfirmedFlush > durable && durable == None)"),
        ("src/Capture/Source/ContinuityCheck.cs", "remembered.Durable == None ? slot.ConfirmedFlush", "remembered.Durable < slot.ConfirmedFlush ? slot.ConfirmedFlush")]),
    "begin-behind-a-snapshot": (END_TO_END, ["CopyKillTests.No_change_is_lost_when_the_very_first_start_dies_between_two_tables"], [
        ("src/Capture/Copy/TableCopies.cs", "return left.Any(snapshot => snapshot.Point >= slot);", "return false;")]),
    "keep-a-snapshot-before-the-slot": (END_TO_END, ["CopyKillTests.No_change_is_lost_when_the_very_first_start_dies_between_two_tables"], [
        ("src/Capture/Copy/TableCopies.cs", "left.Where(snapshot => snapshot.Point < slot)", "left.Where(_ => false)")]),
    "flush-without-the-epoch": (BUFFER, ["BufferAppenderTests.A_capture_that_lost_its_epoch_publishes_nothing"], [
        (FLUSH, "s.source_id = p_source and s.capture_epoch = p_epoch and s.durable_lsn", "s.source_id = p_source and s.durable_lsn")]),
    "flush-without-the-watermark": (BUFFER, ["BufferAppenderTests.A_flush_from_a_watermark_that_moved_is_refused"], [
        (FLUSH, "s.capture_epoch = p_epoch and s.durable_lsn = p_prev and", "s.capture_epoch = p_epoch and")]),
    "finish-without-the-token": (BUFFER, ["BatchLedgerTests.A_staged_batch_that_was_taken_over_is_not_finished_by_its_old_holder"], [
        (FINISH, "where batch_id = p_batch and claim_token = p_token and state = 'committing' returning * into b;", "where batch_id = p_batch and state = 'committing' returning * into b;")]),
    "finish-out-of-order": (BUFFER, ["BatchLedgerTests.Batches_of_a_table_finish_in_order"], [
        (FINISH, "where table_id = b.table_id and committed_seq = b.from_seq - 1;", "where table_id = b.table_id;")]),
    "split-an-open-transaction": (BUFFER, ["BatchLedgerTests.A_batch_never_ends_inside_of_a_source_transaction"], [
        (CLAIM, "if not r.tx_open then v_to := r.table_seq; end if;", "v_to := r.table_seq;")]),
    "batch-of-two-schemas": (BUFFER, ["BatchLedgerTests.A_batch_is_of_one_schema"], [
        (CLAIM, "exit when v_schema is not null and (r.schema_id <> v_schema or r.copied <> v_copied);", "exit when v_schema is not null and r.copied <> v_copied;")]),
    "grow-without-the-token": (BUFFER, ["GrowingBatchTests.A_later_claim_of_it_has_all_that_it_has_grown_to_and_the_earlier_one_is_refused"], [
        (GROW, "where x.batch_id = p_batch and x.claim_token = p_token and x.state = 'claimed' for update;", "where x.batch_id = p_batch and x.state = 'claimed' for update;")]),
    "stage-what-it-was-before-it-grew": (BUFFER, ["GrowingBatchTests.It_begins_when_there_is_enough_to_begin_with_and_takes_what_follows_up_to_the_size_of_a_claim"], [
        ("src/Buffer/LedgerSql.cs", "where batch_id = @batch and to_seq = @to)", "where batch_id = @batch and to_seq >= @to)")]),
    "grow-into-a-copy-that-replaces": (BUFFER, ["GrowingBatchTests.A_copy_that_replaces_is_not_begun_early_and_nothing_grows_into_it"], [
        (GROW, "and not b.sent and y.claim_bytes < philotes.never_bytes()", "and not b.sent")]),
    "chunk-of-two-schemas": (CAPTURE, ["CaptureSessionTests.A_changed_table_gets_a_new_schema_in_the_middle_of_a_transaction"], [
        ("src/Capture/Transactions/TransactionAssembler.cs", "            Close(known);\n            known.Table = table;", "            known.Table = table;")]),
    "no-assertion-of-the-head": (WRITER, ["CommitProtocolTests.A_late_zombie_changes_nothing"], [
        ("src/Iceberg/Rest/TableRequirement.cs", "        new AssertRefSnapshotId(SnapshotRef.Main, table.CurrentSnapshotId),\n", "")]),
    "parent-from-a-second-load": (WRITER, ["CommitProtocolTests.A_zombie_that_lands_between_the_load_and_the_send_makes_the_send_fail"], [
        ("src/BatchWriter/Commit/BatchCommitter.cs", "            writer ??= new SnapshotWriter(", "            table = await LoadAsync(name, cancellationToken);\n            writer ??= new SnapshotWriter(")]),
    "files-deleted-when-unknown": (WRITER, ["CommitProtocolTests.A_commit_whose_reply_is_lost_lands_once"], [
        ("src/BatchWriter/Commit/BatchCommitter.cs", "            await AfterFailureAsync(table, outcome, attempts, cancellationToken);",
         "            foreach (var file in outcome is CommitOutcome.Unknown ? staged.Files : [])\n                await stores.For(table).DeleteAsync(file.FilePath, cancellationToken);\n            await AfterFailureAsync(table, outcome, attempts, cancellationToken);")]),
    "503-is-a-failure": (WRITER, ["CommitFaultMatrixTests.One_fault_on_the_commit_ends_applied_once_and_nobody_hears_of_it"], [
        ("src/Iceberg/Rest/RestErrors.cs", "(>= 500 and not 501)", "(>= 500 and not 501 and not 503)")]),
    "mark-in-the-summary-only": (WRITER, ["ForeignCommitsTests.Expiry_of_every_snapshot_of_ours_behind_a_foreign_head_does_not_lose_the_mark"], [
        ("src/BatchWriter/Commit/CommitDecision.cs", "var reached = mark is null || mark.Incarnation < source.Incarnation ? 0 : mark.Sequence;", "var reached = NewestMarked(table, source) ?? 0;")]),
    "park-on-transient-errors": (WRITER, ["ForeignCommitsTests.An_outage_of_the_catalog_parks_nothing_blocks_nothing_and_is_caught_up"], [
        ("src/BatchWriter/BatchRunner.cs", "        metrics.Failed(failure.Code);\n",
         "        metrics.Failed(failure.Code);\n        await buffer.Reader.ReadAsync(batch, (in EventRow row) => Away.Add(new ParkedEvent(row.Generation, row.Chunk, row.Ordinal, failure.Code, failure.Reason, null)), CancellationToken.None);\n        await buffer.Ledger.ParkAsync(batch, Away, CancellationToken.None);\n"),
        ("src/BatchWriter/BatchRunner.cs", "    private readonly string _worker", "    private static readonly List<ParkedEvent> Away = [];\n    private readonly string _worker")]),
    "unchanged-value-as-null": (WRITER, ["BatchRunnerTests.Every_change_is_a_row_that_a_foreign_reader_reads"], [
        ("src/BatchWriter/Files/ChangelogEncoder.cs", "            if (kind == TupleValueKind.Unchanged)\n                _unchanged.Add(column.Name);\n", "")]),
    "orphans-by-age": (WRITER, ["OrphanSweepTests.Files_of_an_attempt_that_died_before_the_stage_are_named_and_removed_and_no_other", "OrphanSweepTests.Objects_of_a_commit_whose_answer_was_lost_stay"], [
        ("src/BatchWriter/Orphans/OrphanSweep.cs", "left.Where(item => !live.Contains(item.Uri))", "left.Where(item => live.Count >= 0)")]),
    "orphans-of-open-batches": (WRITER, ["OrphanSweepTests.Nothing_of_a_batch_that_is_not_over_or_is_young_is_looked_at"], [
        ("src/Buffer/WrittenObjectSql.cs", "b.committed_at as over_at from philotes.batch as b where b.batch_id = w.batch_id and b.state in ('committed', 'rewound')",
         "coalesce(b.committed_at, b.claimed_at) as over_at from philotes.batch as b where b.batch_id = w.batch_id")]),
}

QUIET = ["-c", "Release", "--nologo", "-v", "q", "-p:TreatWarningsAsErrors=false", "-p:RunAnalyzersDuringBuild=false", "-p:EnforceCodeStyleInBuild=false"]


def run(folder, *command):
    """Exit code and output."""
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=ENVIRONMENT)
    return done.returncode, done.stdout


def build(folder, project):
    code, output = run(folder, "dotnet", "build", f"tests/{project}", *QUIET)
    if code != 0:
        sys.exit(f"{project} does not build:\n" + "\n".join(line for line in output.splitlines() if "error" in line)[:4000])


def red(folder, project, tests):
    """What the tests printed if any of them failed, else nothing."""
    code, output = run(folder, "dotnet", "test", f"tests/{project}", "--no-build", "-c", "Release", "--nologo", "--filter", "|".join(f"FullyQualifiedName~{test}" for test in tests))
    ran = re.search(r"Failed:\s+(\d+), Passed:\s+(\d+)", output)
    if not ran or int(ran[1]) + int(ran[2]) == 0:
        sys.exit(f"No test ran of {tests}:\n{output[-3000:]}")
    return output if code != 0 else None


def mutate(folder, edits):
    """Returns what the files held before."""
    before = {file: (folder / file).read_text() for file, *_ in edits}
    for file, old, new in edits:
        text = (folder / file).read_text()
        if text.count(old) != 1:
            sys.exit(f"{file}: what the mutant replaces stands there {text.count(old)} times: {old}")
        (folder / file).write_text(text.replace(old, new))
    return before


arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("--list", action="store_true", help="a line for each mutant and its tests")
arguments.add_argument("--keep", type=pathlib.Path, help="use this folder and leave it, so that the next run builds faster")
arguments.add_argument("names", nargs="*")
options = arguments.parse_args()
chosen = {name: MUTANTS[name] for name in options.names or MUTANTS}
if options.list:
    for name, (project, tests, _) in chosen.items():
        print(f"{name}\t{project}\t{', '.join(tests)}")
    sys.exit()

folder = (options.keep or pathlib.Path(tempfile.mkdtemp(prefix="mutants-"))).resolve()
folder.mkdir(exist_ok=True)
shared = next((parent / "shared" for parent in HERE.parents if (parent / "shared" / "peers").is_dir()), None)
ENVIRONMENT = dict(os.environ)
if shared:
    ENVIRONMENT.setdefault("PHILOTES_PEERS", str(shared / "peers"))
    ENVIRONMENT.setdefault("PHILOTES_TOOLS", str(shared / "tools"))
try:
    archive = subprocess.Popen(["git", "archive", "HEAD"], cwd=HERE, stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-m", "-C", str(folder)], stdin=archive.stdout, check=True)
    if not (folder / "native/node_modules").exists():
        (folder / "native/node_modules").symlink_to(HERE / "native/node_modules")
    for project in sorted({project for project, *_ in chosen.values()}):
        build(folder, project)
        tests = sorted({test for other, tests, _ in chosen.values() if other == project for test in tests})
        if output := red(folder, project, tests):
            sys.exit(f"{project}: the named tests do not even pass unchanged.\n{output[:6000]}")
    missed = []
    for name, (project, tests, edits) in chosen.items():
        began = time.monotonic()
        before = mutate(folder, edits)
        build(folder, project)
        caught = red(folder, project, tests) is not None
        for file, text in before.items():
            (folder / file).write_text(text)
        print(f"{'caught' if caught else 'MISSED'}  {name}  {time.monotonic() - began:.0f} s", flush=True)
        if not caught:
            missed.append(name)
    print(f"{len(chosen) - len(missed)} of {len(chosen)} caught")
    sys.exit(1 if missed else 0)
finally:
    if not options.keep:
        shutil.rmtree(folder)
