using Factory.Core;
using Parquet;
using Parquet.Schema;

namespace Factory.Trainer.Texts;

/// <summary>A parquet file: each row a document, its text in one column. One row group is in memory at a time.</summary>
internal static class ParquetText
{
    /// <exception cref="UserError">It is no parquet file, or has no such column of texts.</exception>
    public static IEnumerable<TextSection> Read(string path, Stream content, string column)
    {
        ParquetReader reader = Try(path, () => ParquetReader.CreateAsync(content, leaveStreamOpen: true));
        try
        {
            DataField field = FieldOf(path, reader, column);
            for (int group = 0; group < reader.RowGroupCount; group++)
            {
                foreach (string? text in Try(path, () => ReadAsync(reader, group, field)))
                {
                    yield return new TextSection(text ?? "", Opens: true, Closes: true);
                }
            }
        }
        finally
        {
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private static async Task<string?[]> ReadAsync(ParquetReader reader, int group, DataField field)
    {
        using ParquetRowGroupReader rows = reader.OpenRowGroupReader(group);
        long values = rows.GetMetadata(field)?.MetaData?.NumValues ?? -1;
        if (values != rows.RowCount || rows.RowCount > reader.Metadata?.NumRows)
        {
            throw new InvalidDataException($"{rows.RowCount} rows and {values} values in row group {group}.");
        }
        var texts = new string?[rows.RowCount];
        await rows.ReadAsync(field, texts.AsMemory()!).ConfigureAwait(false);
        return texts;
    }

    private static DataField FieldOf(string path, ParquetReader reader, string column)
    {
        DataField[] fields = Try(path, () => Task.FromResult(reader.Schema.DataFields));
        DataField field = fields.FirstOrDefault(field => field.Path.ToString() == column)
            ?? throw new UserError($"{path}: expected a column '{column}', found {string.Join(", ", fields.Select(field => $"'{field.Path}'"))}. Name the right one with --text-field.");
        return (field.ClrType == typeof(string) || field.ClrType == typeof(ReadOnlyMemory<char>)) && !field.IsArray
            ? field
            : throw new UserError($"{path}: expected texts in column '{column}', found {(field.IsArray ? "lists of " : "")}{field.ClrType.Name}. Name another one with --text-field.");
    }

    // What a damaged file makes the library throw is not listed anywhere; none of it is the program's fault.
    private static T Try<T>(string path, Func<Task<T>> read)
    {
        try
        {
            return read().GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is not (UserError or OutOfMemoryException))
        {
            throw new UserError($"{path}: expected a parquet file, found something else: {error.Message.ReplaceLineEndings(" ")} Fetch the file again.", error);
        }
    }
}
