using System.Text;
using Factory.Core.Disk;

namespace Factory.Core.Tests.Disk;

public class StrictUtf8Tests
{
    [Theory]
    [InlineData("61E962", false)] // 'é' of Latin-1
    [InlineData("EFBBBF61E962", false)] // the same behind a byte order mark
    [InlineData("FFFE61003DD8", false)] // UTF-16 with half a surrogate pair
    [InlineData("FFFE6100", false)]
    [InlineData("FEFF0061", false)]
    [InlineData("FFFE000061000000", false)]
    [InlineData("EDA080", false)] // half a surrogate pair
    [InlineData("F4908080", false)] // above U+10FFFF
    [InlineData("C1A1", false)] // overlong
    [InlineData("61", true)]
    [InlineData("EFBBBF61", true)]
    [InlineData("", true)]
    public void A_stray_byte_is_refused_with_or_without_a_mark_whole_or_as_a_stream(string hex, bool isText)
    {
        byte[] bytes = Convert.FromHexString(hex);
        if (isText)
        {
            string expected = hex.Length == 0 ? "" : "a";
            Assert.Equal(expected, StrictUtf8.Decode(bytes, "here"));
            Assert.Equal(expected, Stream());
            return;
        }
        Assert.StartsWith("here: expected UTF-8", Assert.Throws<UserError>(() => StrictUtf8.Decode(bytes, "here")).Message, StringComparison.Ordinal);
        Assert.StartsWith("here: expected UTF-8", Assert.Throws<UserError>(Stream).Message, StringComparison.Ordinal);

        string Stream()
        {
            using StreamReader reader = StrictUtf8.Reader(new MemoryStream(bytes));
            return StrictUtf8.Read(reader.ReadToEnd, "here");
        }
    }

    [Fact]
    public void Only_the_first_mark_is_one()
    {
        Assert.Equal("\uFEFFa", StrictUtf8.Decode("\uFEFF\uFEFFa"u8, "here"));
        using StreamReader reader = StrictUtf8.Reader(new MemoryStream(Encoding.UTF8.GetBytes("\uFEFF\uFEFFa")));
        Assert.Equal("\uFEFFa", reader.ReadToEnd());
    }
}
