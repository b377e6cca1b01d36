using System.Text.Json;
using Factory.Core;
using Factory.Core.Disk;

namespace Factory.Evals.Reporting;

/// <summary>
/// The files that an evaluation writes: <c>report.json</c> and, beside it, <c>report.samples.jsonl</c>. Both are begun before the work, so that what
/// cannot be written is known at once, and appear whole or not at all. Should the report's own place fail after all, it is kept elsewhere.
/// </summary>
internal sealed class ReportFiles : IDisposable
{
    private const string Extension = ".samples.jsonl";

    private readonly string _path;
    private readonly AtomicFile _report;
    private readonly AtomicFile? _samples;

    private ReportFiles(string path, AtomicFile report, AtomicFile? samples) => (_path, _report, _samples) = (path, report, samples);

    /// <exception cref="SettingError">A file cannot be written at <paramref name="path"/>.</exception>
    public static ReportFiles Create(string path)
    {
        AtomicFile report = Begin(path);
        try
        {
            // Into a device or a pipe goes the report alone.
            return new ReportFiles(path, report, report.IsSpecial ? null : Begin(SamplesPath(path)));
        }
        catch
        {
            report.Dispose();
            throw;
        }
    }

    /// <summary>Where the samples of the report at <paramref name="path"/> lie.</summary>
    public static string SamplesPath(string path) => Path.ChangeExtension(path, null) + Extension;

    /// <summary>Writes both; returns where the report is.</summary>
    /// <exception cref="UserError">It could not be written at its place; the message says where it is instead.</exception>
    public void Write(EvaluationReport report, IEnumerable<SampleRow> samples)
    {
        try
        {
            if (_samples is not null)
            {
                foreach (SampleRow row in samples)
                {
                    WriteLine(_samples.Stream, JsonSerializer.SerializeToUtf8Bytes(row, SampleRowJson.Default.SampleRow));
                }
                _samples.Commit();
                report = report with { Samples = Path.GetFileName(SamplesPath(_path)) };
            }
            WriteLine(_report.Stream, ToJson(report));
            _report.Commit();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            string kept = Path.Combine(Path.GetTempPath(), $"factory-report-{Guid.NewGuid():N}.json");
            File.WriteAllBytes(kept, ToJson(report));
            throw new SettingError("output", $"expected to write {_path}, found: {error.Message} The report is in {kept}.", error);
        }
    }

    public void Dispose()
    {
        _report.Dispose();
        _samples?.Dispose();
    }

    private static AtomicFile Begin(string path)
    {
        try
        {
            return AtomicFile.Create(path);
        }
        catch (UserError error)
        {
            throw new SettingError("output", error.Message, error);
        }
    }

    private static byte[] ToJson(EvaluationReport report) => JsonSerializer.SerializeToUtf8Bytes(report, EvaluationJson.Default.EvaluationReport);

    private static void WriteLine(Stream stream, byte[] line)
    {
        stream.Write(line);
        stream.WriteByte((byte)'\n');
    }
}
