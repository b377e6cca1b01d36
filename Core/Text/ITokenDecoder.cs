namespace Factory.Core.Text;

/// <summary>Turns ids into text one at a time; has a state and serves one text.</summary>
internal interface ITokenDecoder
{
    /// <summary>The characters that the id completes.</summary>
    string Append(int id);

    /// <summary>What still waits at the end.</summary>
    string Flush();
}
