namespace Factory.Evals.Data.Fetching;

/// <summary>Where a data set is published and under which licence.</summary>
/// <param name="Folder">The set's folder below the data folder.</param>
/// <param name="Licence">As its authors state it.</param>
internal sealed record DataSource(string Folder, string Licence, IReadOnlyList<PublishedFile> Files);

/// <summary>A file of a set.</summary>
/// <param name="Path">Relative to the data folder.</param>
/// <param name="Address">What is downloaded: the file, or the archive that holds it.</param>
/// <param name="Member">End of the name that it has in the archive; null where it is downloaded as it is.</param>
/// <param name="Sha256">Lower-case hex; null where nobody publishes it: what came first is then recorded, and later held against.</param>
internal sealed record PublishedFile(string Path, Uri Address, string? Member = null, string? Sha256 = null);
