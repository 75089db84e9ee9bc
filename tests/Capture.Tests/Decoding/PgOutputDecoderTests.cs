using System.Buffers.Binary;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Philotes.Capture.Decoding;
using Philotes.Shared;

namespace Philotes.Capture.Tests.Decoding;

internal sealed class PgOutputDecoderTests
{
    private static readonly byte[] Tuple = [0, 3, (byte)'n', (byte)'u', (byte)'t', 0, 0, 0, 2, (byte)'o', (byte)'k'];

    private static readonly byte[][] Samples =
    [
        [(byte)'B', .. Number(5), .. Number(6), 0, 0, 0, 7],
        [(byte)'C', 0, .. Number(5), .. Number(9), .. Number(6)],
        [(byte)'R', 0, 0, 0, 1, .. Name("s"), .. Name("t"), (byte)'d', 0, 1, 1, .. Name("id"), 0, 0, 0, 23, 255, 255, 255, 255],
        [(byte)'I', 0, 0, 0, 1, (byte)'N', .. Tuple],
        [(byte)'U', 0, 0, 0, 1, (byte)'N', .. Tuple],
        [(byte)'U', 0, 0, 0, 1, (byte)'K', .. Tuple, (byte)'N', .. Tuple],
        [(byte)'D', 0, 0, 0, 1, (byte)'O', .. Tuple],
        [(byte)'T', 0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 2],
    ];

    [Test]
    public void Fields_are_read_as_the_manual_lays_them_out()
    {
        Assert.That(PgOutputDecoder.Begin(Samples[0]), Is.EqualTo(new BeginMessage(new Lsn(5), 6, 7)));
        Assert.That(PgOutputDecoder.Commit(Samples[1]), Is.EqualTo(new CommitMessage(new Lsn(5), new Lsn(9), 6)));
        var relation = PgOutputDecoder.Relation(Samples[2]);
        Assert.That((relation.Name, relation.ReplicaIdentity), Is.EqualTo((new TableName("s", "t"), 'd')));
        Assert.That(relation.Columns, Is.EqualTo(new[] { new RelationColumn("id", IsKey: true, 23, -1) }));
        var update = PgOutputDecoder.Row(Samples[5]);
        Assert.That(update.Old.ToArray(), Is.EqualTo(Tuple));
        Assert.That(update.New.ToArray(), Is.EqualTo(Tuple));
        Assert.That(PgOutputDecoder.Truncate(Samples[7]).RelationOids, Is.EqualTo((uint[])[1, 2]));
    }

    [Test]
    public void Every_shortened_or_lengthened_message_is_refused()
    {
        foreach (var sample in Samples)
        {
            for (var length = 0; length < sample.Length; length++)
            {
                var torn = sample[..length];
                Assert.That(Assert.Throws<PhilotesException>(() => Decode(torn))!.Code, Is.EqualTo("PH900"));
            }

            Assert.Throws<PhilotesException>(() => Decode([.. sample, 0]));
        }
    }

    [FsCheck.NUnit.Property(MaxTest = 3000)]
    public Property Damaged_messages_are_decoded_or_refused_and_nothing_else() => Prop.ForAll(
        ArbMap.Default.ArbFor<(int, int, byte, byte)>(),
        damage =>
        {
            var message = Samples[Math.Abs(damage.Item1 % Samples.Length)].ToArray();
            message[1 + (int)((uint)damage.Item2 % (message.Length - 1))] = damage.Item3;
            message[1 + (int)((uint)(damage.Item2 / 7) % (message.Length - 1))] ^= damage.Item4;
            try
            {
                Decode(message);
            }
            catch (PhilotesException)
            {
                return true;
            }

            return true;
        });

    private static void Decode(byte[] message)
    {
        switch (PgOutputDecoder.TypeOf(message))
        {
            case MessageType.Begin:
                PgOutputDecoder.Begin(message);
                break;
            case MessageType.Commit:
                PgOutputDecoder.Commit(message);
                break;
            case MessageType.Relation:
                PgOutputDecoder.Relation(message);
                break;
            case MessageType.Truncate:
                PgOutputDecoder.Truncate(message);
                break;
            default:
                PgOutputDecoder.Row(message);
                break;
        }
    }

    private static byte[] Number(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Name(string name) => [.. Encoding.UTF8.GetBytes(name), 0];
}
