use super::*;

#[tokio::test]
async fn a_session_that_stays_open_does_not_keep_others_out() {
    let sink = Sink::start(Settings::default()).await.unwrap();
    let _idle = TcpStream::connect(sink.address()).await.unwrap();
    let mut other = TcpStream::connect(sink.address()).await.unwrap();
    let mut greeting = vec![0; dialogue::GREETING.len()];
    other.read_exact(&mut greeting).await.unwrap();
    assert_eq!(greeting, dialogue::GREETING);
}

#[tokio::test]
async fn waiting_ends_when_nothing_comes() {
    let sink = Sink::start(Settings::default()).await.unwrap();
    assert!(sink.wait_for(0, Duration::ZERO).await);
    assert!(!sink.wait_for(1, Duration::from_millis(1)).await);
}
