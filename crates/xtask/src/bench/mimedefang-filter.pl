# -*- Perl -*-
# The filter that a town would write for MIMEDefang to do sekimori's job: one text, the attachments
# dropped and listed, the original kept. What sekimori checks beside (that the output obeys a profile,
# that nothing in the text decodes to something else, the audit record) it does not do.

use Encode ();
use HTML::FormatText;
use HTML::TreeBuilder;
use MIME::Entity;

my (@texts, @removed);

sub characters {
    my ($entity) = @_;
    my $charset = $entity->head->mime_attr('content-type.charset') || 'us-ascii';
    my $encoding = Encode::find_encoding($charset) || Encode::find_encoding('iso-8859-1');
    return $encoding->decode($entity->bodyhandle->as_string);
}

sub filter_begin {
    my ($entity) = @_;
    (@texts, @removed) = ();
    # The original stays where a person can find it.
    link('INPUTMSG', "$ENV{KEPT_ORIGINALS}/$MsgID-$$-" . time()) if $ENV{KEPT_ORIGINALS};
}

sub filter {
    my ($entity, $name, $extension, $type) = @_;
    my $disposition = $entity->head->mime_attr('content-disposition') || 'inline';
    if ($disposition eq 'inline' && $type eq 'text/plain') {
        push @texts, characters($entity);
    } elsif ($disposition eq 'inline' && $type eq 'text/html') {
        my $tree = HTML::TreeBuilder->new_from_content(characters($entity));
        my $text = HTML::FormatText->new(leftmargin => 0, rightmargin => 76)->format($tree);
        $tree->delete;
        # Of two alternatives the one that says more.
        if (@texts && length($texts[-1]) < length($text)) { pop @texts; }
        push @texts, $text;
    } else {
        push @removed, ($name || 'unnamed') . " ($type)";
    }
    return action_accept();
}

sub filter_multipart { return action_accept(); }

sub filter_end {
    my ($entity) = @_;
    my $text = join("\n", @texts);
    $text .= "\n\n--\n" . join("\n", map { "Removed: $_" } @removed) . "\n" if @removed;
    replace_entire_message(MIME::Entity->build(
        Type => 'text/plain', Charset => 'utf-8', Encoding => 'base64',
        Data => Encode::encode('UTF-8', $text),
    ));
}

1;
