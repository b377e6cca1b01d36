using Factory.Core;
using Factory.Core.Architecture;
using Factory.Core.Checkpoints;
using Factory.Core.Configuration;
using Factory.Core.Disk;

namespace Factory.Exporter.Tests;

/// <summary>Checkpoints that are not what they claim: told in one line that names the file, before anything is written.</summary>
public sealed class DamagedCheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _checkpoint;

    public DamagedCheckpointTests() => _checkpoint = TestCheckpoint.Random(TestModel.Tiny).Write(_folder.At("checkpoint"));

    private static readonly string[] Files = [CheckpointFolder.WeightsFile, ConfigJson.FileName, Probe.FileName];

    public static TheoryData<string, string> Damages => [.. Files.SelectMany(_ => new[] { "missing", "empty", "cut", "changed", "foreign" }, (file, damage) => (file, damage))];

    /// <summary>A weight of another value is another model, which the probe finds.</summary>
    public static TheoryData<string, string> DamagesOfForm => [.. Files.SelectMany(_ => new[] { "missing", "empty", "cut", "foreign" }, (file, damage) => (file, damage))];

    [Theory]
    [MemberData(nameof(Damages))]
    public void A_damaged_file_is_named(string file, string damage)
    {
        Damage(file, damage);
        Assert.Contains(file, Refusal(), StringComparison.Ordinal);
    }

    /// <summary>The manifest is right about each file here, so that only what is in it can tell.</summary>
    [Theory]
    [MemberData(nameof(DamagesOfForm))]
    public void A_damaged_file_with_a_manifest_to_match_is_named_too(string file, string damage)
    {
        Damage(file, damage);
        WriteManifest();
        Assert.Contains(file, Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_weight_with_a_manifest_to_match_is_found_by_the_probe()
    {
        Damage(CheckpointFolder.WeightsFile, "changed");
        WriteManifest();
        Assert.Contains("expected logits within", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_probe_of_another_model_is_told_by_its_size()
    {
        TestCheckpoint.Random(TestModel.Tiny with { VocabularySize = 60 }).Write(_folder.At("other"));
        File.Copy(_folder.At("other", Probe.FileName), Path.Combine(_checkpoint, Probe.FileName), overwrite: true);
        WriteManifest();
        Assert.Contains("found another model's", Refusal(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Weights_that_are_no_numbers_are_refused(float value)
    {
        string weights = Path.Combine(_checkpoint, CheckpointFolder.WeightsFile);
        byte[] bytes = File.ReadAllBytes(weights);
        BitConverter.TryWriteBytes(bytes.AsSpan(^4), value);
        File.WriteAllBytes(weights, bytes);
        WriteManifest();
        Assert.Contains("expected logits within", Refusal(), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private void Damage(string file, string damage)
    {
        string path = Path.Combine(_checkpoint, file);
        byte[] bytes = File.ReadAllBytes(path);
        switch (damage)
        {
            case "missing":
                File.Delete(path);
                break;
            case "empty":
                File.WriteAllBytes(path, []);
                break;
            case "cut":
                File.WriteAllBytes(path, bytes[..^9]);
                break;
            case "changed":
                // An exponent's bit of the last weight or logit; of the configuration, the closing brace.
                bytes[^(file == ConfigJson.FileName ? 2 : 1)] ^= 0x02;
                File.WriteAllBytes(path, bytes);
                break;
            default:
                File.WriteAllText(path, "<html>404</html>");
                break;
        }
    }

    private void WriteManifest()
    {
        File.Delete(Path.Combine(_checkpoint, Manifest.FileName));
        Manifest.Write(_checkpoint, CheckpointFolder.Kind, new Dictionary<string, string>());
    }

    /// <summary>The line that the user would see.</summary>
    private string Refusal()
    {
        string[] before = Directory.GetFileSystemEntries(_folder.Path);
        string message = Assert.ThrowsAny<UserError>(() =>
        {
            using CheckpointSource source = CheckpointSource.Open(_checkpoint);
            CheckpointExport.Write(source, _folder.At("out"), new ExportOptions(), null, CancellationToken.None);
        }).Message;
        Assert.DoesNotContain('\n', message);
        Assert.Equal(before, Directory.GetFileSystemEntries(_folder.Path));
        return message;
    }
}
